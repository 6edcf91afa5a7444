"""What stands where the model would be: plain values in, text and tokens out, no HTTP and no cards."""

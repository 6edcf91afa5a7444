"""What the API does with a request: check it against the model's card, have it answered, render that."""

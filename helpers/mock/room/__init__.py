"""A page for whoever runs a shared mock: who is active, the load, what was refused last."""

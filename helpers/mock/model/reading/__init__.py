"""What a text says: whose turn it is, names, places, numbers, days, and what a slot of a form can be filled with."""

"""Which tool is called, with which arguments, and what is said of its result."""

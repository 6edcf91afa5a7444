"""What Azure's gateway does: routes, keys, limits, content filters, faults; nothing of models."""

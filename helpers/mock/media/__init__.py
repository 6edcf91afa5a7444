"""Pictures and sounds: fetched or decoded once, then priced, recognised and described."""

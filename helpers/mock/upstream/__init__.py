"""A model behind the mock, of a server that speaks OpenAI's chat completions: HTTP and events, no cards."""

"""A model behind the mock: any server that speaks OpenAI's chat completions. Knows HTTP and events, no cards."""

"""Parts that OpenAI's formats share."""

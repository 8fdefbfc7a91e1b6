"""What OpenAI's formats share."""

"""Amazon Bedrock Converse and ConverseStream, client face."""

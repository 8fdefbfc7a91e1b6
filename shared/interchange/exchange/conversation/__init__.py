"""The conversation families: chat, messages, responses. A wing: it imports the trunk, never `media`."""

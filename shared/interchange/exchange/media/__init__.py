"""The other families: embeddings, images, sound. A wing: it imports the trunk, never `conversation`."""

"""OpenAI's other endpoints: embeddings, moderations, images, speech, transcriptions."""

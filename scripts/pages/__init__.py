"""The documentation's pages as the gateway serves them: rendered from docs/ when a deployment is built, and by the
laptop when somebody asks for the first one. `python -m scripts.pages FOLDER` writes them all."""

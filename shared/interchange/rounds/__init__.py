"""One caller's request that takes several of a model: the gateway calls the tools in between.

Pure: what the servers offer becomes tools of the request, the model's calls become blocks of the one answer that the
caller sees, and their results become the next round's history.
"""

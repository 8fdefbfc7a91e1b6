"""The customer's API: an account's balance, usage, requests, keys and codes, for management keys; and for an ordinary
key itself."""

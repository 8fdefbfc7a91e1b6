"""The light client of AWS that a cold start can afford: signatures, JSON services, DynamoDB's attributes."""

"""The table: one port, and two engines behind it that answer alike, DynamoDB and SQLite."""

"""The truth in MongoDB: messages, notices, fan-outs, preferences, call tasks."""

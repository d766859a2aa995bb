"""The outbox: mails and letters, written in the transaction that causes them and sent after it."""

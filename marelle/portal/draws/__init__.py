"""The published draw of a campaign, open to everybody: tickets and ranks, never a name."""

"""What whoever watches the bot is told: its log, and its state."""

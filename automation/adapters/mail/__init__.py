"""From a decided mail to a message that has left."""

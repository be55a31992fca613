"""What the config tabs are made of: their headers, their small languages, the values read from them."""

"""The pure half: values in, values out; no network, no disk, no clock."""

"""Lists that units send by mail: read from files of several kinds, written again with their errors marked."""

"""How the tabs look, as data that each adapter draws."""

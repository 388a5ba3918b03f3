"""Doors of the field at the terminal: messages of devices by MQTT."""

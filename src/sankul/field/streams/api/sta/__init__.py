"""The SensorThings API 1.1 (OGC 18-088) at /sta/v1.1: plain views, for the standard says itself what is asked and answered."""

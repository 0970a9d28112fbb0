"""Porteføljelisten: the executive board's list of larger, cross-cutting, strategic projects."""

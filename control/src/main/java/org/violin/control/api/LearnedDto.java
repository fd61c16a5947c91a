package org.violin.control.api;

/**
 * What has become of stations that switches were told of.
 *
 * @param stations how many of them they did not know, and know now
 */
public record LearnedDto(int stations) {
}

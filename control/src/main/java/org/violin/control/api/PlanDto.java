package org.violin.control.api;

import java.util.List;

/**
 * What a daemon would do, or has done, in this order; empty: nothing differs.
 *
 * @param steps one line each, for people
 */
public record PlanDto(List<String> steps) {
}

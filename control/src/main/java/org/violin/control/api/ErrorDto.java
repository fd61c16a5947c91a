package org.violin.control.api;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * Why a request failed.
 *
 * @param error      says what is wrong and, where it can, how to mend it
 * @param rolledBack only after a change that failed half-way: whether all of it was undone
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ErrorDto(String error, Boolean rolledBack) {
}

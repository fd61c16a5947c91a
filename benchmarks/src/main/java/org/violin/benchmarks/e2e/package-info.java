/**
 * The same work through Violin and through other ways to join two hosts, side by side: {@code violin bench e2e} as fast
 * as it goes, {@code violin bench wan} over paths that are long and lose packets. {@code violin bench impair} holds the
 * emulation of such paths to what it is asked for.
 *
 * <p>A {@link org.violin.benchmarks.e2e.Side} is one such way; a {@link org.violin.benchmarks.e2e.Pair} is the two
 * hosts it runs on; a {@link org.violin.benchmarks.e2e.Measurement} is one piece of work. All sides are
 * started first and stay up. Then {@link org.violin.benchmarks.e2e.Run} gives each measurement to all sides in turn,
 * round after round, so that a machine whose speed drifts is the same machine for all of them. When that is done, a
 * {@link org.violin.benchmarks.e2e.Profiler} looks where the cycles of some sides go.
 *
 * <p>One thread does everything, and sleeps while a load runs: this program's own work must not be in the figures.
 */
package org.violin.benchmarks.e2e;

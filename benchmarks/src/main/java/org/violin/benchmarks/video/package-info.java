/**
 * What is seen of a video that is sent to several domains: {@code violin bench video}.
 *
 * <p>A {@link org.violin.benchmarks.video.VideoNet} is four hosts and a LAN of Violin over them; a
 * {@link org.violin.benchmarks.video.Side} is a way to stream to all of them; in its
 * {@link org.violin.benchmarks.video.VideoTurn} a {@link org.violin.benchmarks.video.VideoClip} is sent, and compared
 * with what came. {@link org.violin.benchmarks.video.VideoRun} has the sides take turns, over each path, round after
 * round. One thread does everything; each {@link org.violin.benchmarks.video.Viewer} has one of its own.
 */
package org.violin.benchmarks.video;

package org.violin.benchmarks;

import java.util.Queue;
import java.util.function.Supplier;
import org.agrona.BufferUtil;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;

/** A bounded queue between two threads, of any make. Queues hand over a reference, ring buffers eight bytes. */
public abstract class HandOffQueue {
    private static final int CAPACITY = 1024;
    private static final int MESSAGE_BYTES = 8;

    /** The makes there are. */
    public enum Make {
        JCTOOLS_SPSC(() -> ofQueue(new SpscVarHandleArrayQueue<>(CAPACITY))),
        JCTOOLS_MPSC(() -> ofQueue(new MpscVarHandleArrayQueue<>(CAPACITY))),
        AGRONA_ONE_TO_ONE(() -> ofRing(new OneToOneRingBuffer(ring()))),
        AGRONA_MANY_TO_ONE(() -> ofRing(new ManyToOneRingBuffer(ring())));

        private final Supplier<HandOffQueue> maker;

        Make(Supplier<HandOffQueue> maker) {
            this.maker = maker;
        }

        HandOffQueue make() {
            return maker.get();
        }
    }

    /** False if there is no room. */
    abstract boolean offer();

    /** False if there is nothing. */
    abstract boolean poll();

    private static UnsafeBuffer ring() {
        int bytes = CAPACITY * MESSAGE_BYTES * 2 + RingBufferDescriptor.TRAILER_LENGTH;
        return new UnsafeBuffer(BufferUtil.allocateDirectAligned(bytes, 64));
    }

    private static HandOffQueue ofQueue(Queue<Object> queue) {
        Object item = new Object();
        return new HandOffQueue() {
            @Override
            boolean offer() {
                return queue.offer(item);
            }

            @Override
            boolean poll() {
                return queue.poll() != null;
            }
        };
    }

    private static HandOffQueue ofRing(RingBuffer ring) {
        UnsafeBuffer message = new UnsafeBuffer(new byte[MESSAGE_BYTES]);
        MessageHandler handler = (type, buffer, index, length) -> message.putByte(0, buffer.getByte(index));
        return new HandOffQueue() {
            @Override
            boolean offer() {
                return ring.write(1, message, 0, MESSAGE_BYTES);
            }

            @Override
            boolean poll() {
                return ring.read(handler, 1) > 0;
            }
        };
    }
}

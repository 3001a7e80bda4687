/** Arrays in one shared WebAssembly memory, where kernels of any kind reach them. */
export interface Arena {
  readonly memory: WebAssembly.Memory;
  int32(length: number): Int32Array;
  float32(length: number): Float32Array;
  float64(length: number): Float64Array;
  /** Address of `bytes` bytes of scratch; aligned to 64. */
  reserve(bytes: number): number;
  /**
   * The one way of giving back: what it returns takes back every array that was made since, whose place the next ones get,
   * filled with zeros as new memory is. For a memory that no other arena grows.
   */
  mark(): () => void;
}

const PAGE = 65_536;
/** 4 GiB, all that 32-bit addresses reach. Only what is used takes memory. */
const MAX_PAGES = 65_536;
/** A cache line. */
const ALIGN = 64;

export function createArena(): Arena {
  return arenaOf(new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true }));
}

/** More room in a memory that has its arrays already. Threads may do so at once, for growing is atomic. */
export function arenaOf(memory: WebAssembly.Memory): Arena {
  let top = 0;
  let end = 0;
  let start = 0; // of the stretch that `top` is in
  const reserve = (bytes: number): number => {
    const size = Math.ceil(bytes / ALIGN) * ALIGN;
    if (top + size > end) {
      const missing = top + size - end;
      // a new stretch need not lie behind the last: then all of it is asked for
      const from = grow(memory, missing);
      if (from === end) {
        end += pagesOf(missing) * PAGE;
      } else {
        top = start = from;
        end = from + pagesOf(missing) * PAGE;
        if (size > end - top) return reserve(bytes);
      }
    }
    const address = top;
    top += size;
    return address;
  };
  // the address first: growing makes a new `memory.buffer`, and only that one reaches the new pages
  return {
    memory,
    reserve,
    mark() {
      if (end === 0) reserve(1); // there is a stretch to go back to
      const [from, stretch] = [top, start];
      return () => {
        if (start !== stretch) throw new Error('the memory was grown by another arena since the mark');
        new Uint8Array(memory.buffer, from, top - from).fill(0);
        top = from;
      };
    },
    int32(length) {
      const address = reserve(length * 4);
      return new Int32Array(memory.buffer, address, length);
    },
    float32(length) {
      const address = reserve(length * 4);
      return new Float32Array(memory.buffer, address, length);
    },
    float64(length) {
      const address = reserve(length * 8);
      return new Float64Array(memory.buffer, address, length);
    },
  };
}

function pagesOf(bytes: number): number {
  return Math.ceil(bytes / PAGE);
}

function grow(memory: WebAssembly.Memory, bytes: number): number {
  const used = memory.buffer.byteLength;
  try {
    return memory.grow(pagesOf(bytes)) * PAGE;
  } catch (error) {
    throw new RangeError(
      `a model's arrays need ${Math.ceil((used + bytes) / 2 ** 20)} MiB; one memory holds 4096 MiB at most, if the ` +
        'machine has them: train on fewer viewers or interactions, or lower ials.k',
      { cause: error },
    );
  }
}

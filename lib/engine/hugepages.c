#include "engine/hugepages.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* What a large page has on the machines that this runs on; where it has
 * more, the kernel does what it can. */
#define PAGE_BYTES ((size_t)2 << 20)
/* Pieces are cut from so much at a time; what is left over at the end was
 * never touched. */
#define BLOCK_BYTES (8 * PAGE_BYTES)

/* The block that is being cut. Whoever gets a piece gives it back by
 * munmap(), as if it were a mapping of its own. Global because mmap() has no
 * argument for it, like the callback in engine/clamav.c. */
static struct {
	bool active;
	size_t page;		/* bytes of an ordinary page */
	uintptr_t next;		/* of what is left */
	size_t left;
} block;

void
ms_hugepages_begin(void)
{
	block.page = (size_t)sysconf(_SC_PAGESIZE);
	block.active = true;
}

void
ms_hugepages_end(void)
{
	if (block.left > 0)
		(void)munmap((void *)block.next, block.left);
	block.left = 0;
	block.active = false;
}

/* A new block, from one boundary of large pages to another. */
static bool
take_block(void)
{
	unsigned char *start = mmap(NULL, BLOCK_BYTES + PAGE_BYTES,
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uintptr_t from;
	size_t before;

	if (start == MAP_FAILED)
		return false;
	before = (PAGE_BYTES - (uintptr_t)start % PAGE_BYTES) % PAGE_BYTES;
	from = (uintptr_t)start + before;
	if (before > 0)
		(void)munmap(start, before);
	(void)munmap((void *)(from + BLOCK_BYTES), PAGE_BYTES - before);
	/* Refused where there are no large pages: then not. */
	(void)madvise((void *)from, BLOCK_BYTES, MADV_HUGEPAGE);
	if (block.left > 0)
		(void)munmap((void *)block.next, block.left);
	block.next = from;
	block.left = BLOCK_BYTES;
	return true;
}

/* Of memory that asks for nothing but to be there. */
static bool
is_plain(const void *where, size_t size, int protection, int flags, int fd)
{
	return !where && size > 0 && size % block.page == 0 && fd == -1 &&
	    flags == (MAP_PRIVATE | MAP_ANONYMOUS) &&
	    protection == (PROT_READ | PROT_WRITE);
}

void *
ms_hugepages_map(void *where, size_t size, int protection, int flags, int fd,
    off_t offset)
{
	void *map;

	if (block.active && size <= PAGE_BYTES &&
	    is_plain(where, size, protection, flags, fd) &&
	    (size <= block.left || take_block())) {
		map = (void *)block.next;
		block.next += size;
		block.left -= size;
		return map;
	}
	map = mmap(where, size, protection, flags, fd, offset);
	if (block.active && map != MAP_FAILED &&
	    is_plain(where, size, protection, flags, fd))
		(void)madvise(map, size, MADV_HUGEPAGE);
	return map;
}

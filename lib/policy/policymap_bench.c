#include "base/clock.h"
#include "policy/plan.h"
#include "policy/policymap.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * A policy map of a million lines: how long it takes to read, what memory it
 * needs, how long a lookup takes, and a plan for a message. More than 10
 * microseconds a lookup or 100 MB are a failure.
 */

enum { LINES = 1000000, LOOKUPS = 2000000, PLANS = 200000 };

static enum ms_status
check(void *arg, const char *text, struct ms_error *err)
{
	struct ms_settings settings;
	enum ms_status status = ms_settings_parse(text, &settings, err);

	(void)arg;
	ms_settings_clear(&settings);
	return status;
}

/* The key of line I. */
static int
write_key(char *key, size_t size, unsigned i)
{
	return snprintf(key, size, "user%u-%x@domain%u.example.com", i,
	    i * 2654435761u, i % 5000);
}

static void
write_map(int fd)
{
	FILE *stream = fdopen(fd, "w");

	for (unsigned i = 0; i < LINES; i++) {
		char key[100];

		(void)write_key(key, sizeof key, i);
		(void)fprintf(stream, "%s:clam=yes,spam=%s,spam_hits=%u,"
		    "attach=.exe:.scr:.com\n", key, i % 2 ? "yes" : "no",
		    i % 50);
	}
	(void)fclose(stream);
}

/* Microseconds for each of COUNT since BEGAN. */
static double
each(int64_t began_us, unsigned count)
{
	return (double)(ms_clock_wall_us() - began_us) / count;
}

static double
look_up(const struct ms_policymap *map)
{
	const int64_t began = ms_clock_wall_us();
	unsigned found = 0, n = 1;

	for (unsigned i = 0; i < LOOKUPS; i++) {
		char key[100];
		int size;

		/* A half of them are there; in no order. */
		n = n * 1664525 + 1013904223;
		size = write_key(key, sizeof key, n % (2 * LINES));
		found += ms_policymap_find(map, key, (size_t)size, NULL) !=
		    NULL;
	}
	(void)printf("%u of %u found\n", found, LOOKUPS);
	return each(began, LOOKUPS);
}

static double
make_plans(const struct ms_policy *policy)
{
	const int64_t began = ms_clock_wall_us();

	for (unsigned i = 0; i < PLANS; i++) {
		char from[100], to[100];
		const char *const recipients[] = { to };
		const struct ms_policy_query query = {
			.client = "192.0.2.1", .sender = from,
			.recipients = recipients, .recipient_count = 1 };
		struct ms_plan plan;

		(void)write_key(from, sizeof from, i * 2654435761u % LINES);
		(void)write_key(to, sizeof to, i * 40503u % LINES);
		ms_plan(policy, &query, false, &plan);
		ms_plan_clear(&plan);
	}
	return each(began, PLANS);
}

int
main(void)
{
	char path[] = "/tmp/mailscan-policymap-bench-XXXXXX";
	const char *const maps[] = { path, NULL };
	const struct ms_policy_config config = { .maps = maps };
	struct ms_policymap *map = ms_policymap_new(check, NULL);
	struct ms_policy *policy = NULL;
	struct ms_error err = { "" };
	int64_t began;
	double lookup_us;
	double megabytes;

	write_map(mkstemp(path));
	began = ms_clock_wall_us();
	if (ms_policymap_read(map, path, &err) != MS_OK) {
		(void)fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	ms_policymap_seal(map);
	megabytes = (double)ms_policymap_bytes(map) / 1e6;
	(void)printf("%u lines read in %.2f s, %.1f MB\n",
	    ms_policymap_lines(map), each(began, 1000000), megabytes);
	lookup_us = look_up(map);
	(void)printf("%.2f microseconds a lookup\n", lookup_us);
	ms_policymap_free(map);
	if (ms_policy_open(&config, &policy, &err) != MS_OK) {
		(void)fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	(void)unlink(path);
	(void)printf("%.2f microseconds a plan\n", make_plans(policy));
	ms_policy_free(policy);
	return lookup_us < 10 && megabytes < 100 ? 0 : 1;
}

#include "serve/sidedoor.h"

#include "base/clock.h"
#include "net/httpd.h"
#include "serve/scansock.h"

#include <string.h>

struct ms_sidedoor {
	struct ms_inquiry *inquiry;
	struct ms_metrics *metrics;
	GPtrArray *monitors, *doors;
	bool draining;
};

static int
show_metrics(const struct ms_sidedoor *sidedoor, GString *body)
{
	ms_metrics_set(sidedoor->metrics, MS_METRICS_SCANNERS,
	    ms_inquiry_is_answered(sidedoor->inquiry));
	ms_metrics_print(sidedoor->metrics, ms_clock_wall(), body);
	return 200;
}

static int
show_health(const struct ms_sidedoor *sidedoor, GString *body)
{
	const char *wrong = NULL;

	if (sidedoor->draining)
		wrong = "ending";
	else if (!ms_inquiry_is_answered(sidedoor->inquiry))
		wrong = "no scanner";
	g_string_append_printf(body, "%s\n", wrong ? wrong : "ok");
	return wrong ? 503 : 200;
}

static int
on_request(void *arg, const char *path, GString *body)
{
	const struct ms_sidedoor *sidedoor = arg;

	if (strcmp(path, "/metrics") == 0)
		return show_metrics(sidedoor, body);
	if (strcmp(path, "/healthz") == 0)
		return show_health(sidedoor, body);
	return 404;
}

static void
free_httpd(gpointer httpd)
{
	ms_httpd_free(httpd);
}

static void
free_door(gpointer door)
{
	ms_scansock_free(door);
}

struct ms_sidedoor *
ms_sidedoor_new(const struct ms_case_config *cases,
    const struct ms_sidedoor_config *config)
{
	struct ms_sidedoor *sidedoor = g_new0(struct ms_sidedoor, 1);

	sidedoor->inquiry = cases->inquiry;
	sidedoor->metrics = config->metrics;
	sidedoor->monitors = g_ptr_array_new_with_free_func(free_httpd);
	sidedoor->doors = g_ptr_array_new_with_free_func(free_door);
	for (size_t i = 0; i < config->monitor_count; i++)
		g_ptr_array_add(sidedoor->monitors, ms_httpd_new(cases->loop,
		    config->monitors[i], on_request, sidedoor));
	for (size_t i = 0; i < config->door_count; i++)
		g_ptr_array_add(sidedoor->doors, ms_scansock_new(cases,
		    config->doors[i]));
	return sidedoor;
}

void
ms_sidedoor_free(struct ms_sidedoor *sidedoor)
{
	if (!sidedoor)
		return;
	g_ptr_array_unref(sidedoor->monitors);
	g_ptr_array_unref(sidedoor->doors);
	g_free(sidedoor);
}

void
ms_sidedoor_retire(struct ms_sidedoor *sidedoor, bool end,
    ms_loop_callback *gone, void *arg)
{
	sidedoor->draining = end;
	if (!end)
		g_ptr_array_set_size(sidedoor->monitors, 0);
	for (guint i = 0; i < sidedoor->doors->len; i++)
		ms_scansock_retire(sidedoor->doors->pdata[i], gone, arg);
}

bool
ms_sidedoor_is_empty(const struct ms_sidedoor *sidedoor)
{
	bool empty = true;

	for (guint i = 0; sidedoor && i < sidedoor->doors->len; i++)
		empty &= ms_scansock_is_empty(sidedoor->doors->pdata[i]);
	return empty;
}

void
ms_sidedoor_cut(struct ms_sidedoor *sidedoor)
{
	if (sidedoor)
		g_ptr_array_set_size(sidedoor->doors, 0);
}

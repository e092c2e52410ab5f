/* glib's locks, conditions, thread pools and reference counts, as ThreadSanitizer must know them: glib itself is not
 * built for it, so it would see races where a lock is held. Each stands before glib's function of the same name, tells
 * the sanitizer and calls that one. Linked into programs built with -Db_sanitize=thread only. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <glib.h>
#include <sanitizer/tsan_interface.h>

#undef g_once_init_enter
#undef g_once_init_leave

/* glib's own function of this name, as `real`. */
#define REAL(name)                                                                                                     \
  static __typeof__ (name) *found;                                                                                     \
  __typeof__ (name) *real = __atomic_load_n (&found, __ATOMIC_ACQUIRE);                                                \
  if (real == NULL)                                                                                                    \
  __atomic_store_n (&found, real = (__typeof__ (name) *)dlsym (RTLD_NEXT, #name), __ATOMIC_RELEASE)

void
g_mutex_lock (GMutex *mutex)
{
  REAL (g_mutex_lock);

  __tsan_mutex_pre_lock (mutex, 0);
  real (mutex);
  __tsan_mutex_post_lock (mutex, 0, 0);
}

void
g_mutex_unlock (GMutex *mutex)
{
  REAL (g_mutex_unlock);

  __tsan_mutex_pre_unlock (mutex, 0);
  real (mutex);
  __tsan_mutex_post_unlock (mutex, 0);
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  REAL (g_mutex_trylock);

  __tsan_mutex_pre_lock (mutex, __tsan_mutex_try_lock);
  gboolean is_held = real (mutex);
  __tsan_mutex_post_lock (mutex, __tsan_mutex_try_lock | (is_held ? 0 : __tsan_mutex_try_lock_failed), 0);
  return is_held;
}

void
g_rec_mutex_lock (GRecMutex *mutex)
{
  REAL (g_rec_mutex_lock);

  __tsan_mutex_pre_lock (mutex, __tsan_mutex_write_reentrant);
  real (mutex);
  __tsan_mutex_post_lock (mutex, __tsan_mutex_write_reentrant, 1);
}

void
g_rec_mutex_unlock (GRecMutex *mutex)
{
  REAL (g_rec_mutex_unlock);

  __tsan_mutex_pre_unlock (mutex, 0);
  real (mutex);
  __tsan_mutex_post_unlock (mutex, 0);
}

static void
give_up (GMutex *mutex)
{
  __tsan_mutex_pre_unlock (mutex, 0);
  __tsan_mutex_post_unlock (mutex, 0);
}

static void
take_back (GMutex *mutex)
{
  __tsan_mutex_pre_lock (mutex, 0);
  __tsan_mutex_post_lock (mutex, 0, 0);
}

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  REAL (g_cond_wait);

  give_up (mutex);
  real (cond, mutex);
  take_back (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  REAL (g_cond_wait_until);

  give_up (mutex);
  gboolean is_signalled = real (cond, mutex, end_time);
  take_back (mutex);
  return is_signalled;
}

gboolean
g_once_init_enter (volatile void *location)
{
  REAL (g_once_init_enter);

  gboolean is_mine = real (location);
  if (!is_mine)
    __tsan_acquire ((void *)location);
  return is_mine;
}

void
g_once_init_leave (volatile void *location, gsize result)
{
  REAL (g_once_init_leave);

  __tsan_release ((void *)location);
  real (location, result);
}

void
g_atomic_ref_count_init (gatomicrefcount *count)
{
  __atomic_store_n (count, 1, __ATOMIC_RELAXED);
}

void
g_atomic_ref_count_inc (gatomicrefcount *count)
{
  __atomic_add_fetch (count, 1, __ATOMIC_RELAXED);
}

gboolean
g_atomic_ref_count_dec (gatomicrefcount *count)
{
  return __atomic_sub_fetch (count, 1, __ATOMIC_ACQ_REL) == 0;
}

/* Who frees it does so after all others have read it. */
void
g_bytes_unref (GBytes *bytes)
{
  REAL (g_bytes_unref);

  __tsan_release (bytes);
  __tsan_acquire (bytes);
  real (bytes);
}

typedef struct
{
  GFunc func;
  gpointer data;
} Work;

static void
take_item (gpointer item, gpointer data)
{
  const Work *work = data;

  __tsan_acquire (item);
  work->func (item, work->data);
}

/* The small block goes with the process, as the program's pools do. */
GThreadPool *
g_thread_pool_new (GFunc func, gpointer data, gint max_threads, gboolean exclusive, GError **error)
{
  static GPtrArray *works;
  Work *work = g_new (Work, 1);
  REAL (g_thread_pool_new);

  if (works == NULL)
    works = g_ptr_array_new ();
  g_ptr_array_add (works, work);
  *work = (Work){ func, data };
  return real (take_item, work, max_threads, exclusive, error);
}

gboolean
g_thread_pool_push (GThreadPool *pool, gpointer item, GError **error)
{
  REAL (g_thread_pool_push);

  __tsan_release (item);
  return real (pool, item, error);
}

// C++ objects in nginx pools: nginx allocates zeroed memory and runs no constructor, so an object
// with one is placed by hand and destroyed by a pool cleanup.
#pragma once

#include <memory_resource>
#include <new>
#include <utility>

#include "ngx.h"

namespace clave::nginx {

// The handler of make_in_pool<T>; its address tells the kind of a cleanup, which is how a context
// is found again after an internal redirect has zeroed r->ctx.
template <class T>
void destroy_in_pool(void* object) noexcept {
    static_cast<T*>(object)->~T();
}

// nullptr if there is no memory. The object lives as long as the pool.
template <class T, class... Arguments>
T* make_in_pool(ngx_pool_t* pool, Arguments&&... arguments) {
    static_assert(alignof(T) <= NGX_ALIGNMENT);
    void* place = ngx_palloc(pool, sizeof(T));
    ngx_pool_cleanup_t* cleanup = place ? ngx_pool_cleanup_add(pool, 0) : nullptr;
    if (cleanup == nullptr) {
        return nullptr;
    }
    auto* object = new (place) T(std::forward<Arguments>(arguments)...);
    cleanup->handler = destroy_in_pool<T>;
    cleanup->data = object;
    return object;
}

template <class T>
T* find_in_pool(ngx_pool_t* pool) noexcept {
    for (ngx_pool_cleanup_t* cleanup = pool->cleanup; cleanup; cleanup = cleanup->next) {
        if (cleanup->handler == destroy_in_pool<T>) {
            return static_cast<T*>(cleanup->data);
        }
    }
    return nullptr;
}

// Lets the core allocate from a request's pool: freed all at once, with the request.
class PoolResource final : public std::pmr::memory_resource {
  public:
    explicit PoolResource(ngx_pool_t* pool) noexcept : pool_(pool) {}

    ngx_pool_t* pool() const noexcept { return pool_; }

  private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        void* memory = alignment == 1 ? ngx_pnalloc(pool_, bytes) : ngx_palloc(pool_, bytes);
        if (memory == nullptr || alignment > NGX_ALIGNMENT) {
            throw std::bad_alloc();
        }
        return memory;
    }
    void do_deallocate(void*, std::size_t, std::size_t) override {}
    bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;
    }

    ngx_pool_t* pool_;
};

}  // namespace clave::nginx

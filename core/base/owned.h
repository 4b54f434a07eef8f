// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

namespace keelson {

template <auto release>
struct ReleasedBy {
    template <typename T>
    void operator()(T* object) const
    {
        release(object);
    }
};

/// An object of a C library, and the function of that library that releases it: Owned<BIO, BIO_free_all>.
template <typename T, auto release>
using Owned = std::unique_ptr<T, ReleasedBy<release>>;

} // namespace keelson

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>

namespace keelson::api {

/// A part that may be absent, kept apart from its owner: used like std::optional, copied and compared by value, and as
/// small as a pointer. A volume has thirty kinds of source and uses one: inside the owner, each would cost its full
/// size in every copy. What copies, compares or ends a part is compiled once, with the generated structs (`extern
/// template`).
template <typename T>
class Boxed {
public:
    Boxed() noexcept = default;
    Boxed(std::nullopt_t) noexcept {} // NOLINT(google-explicit-constructor): as std::optional
    Boxed(T value);                   // NOLINT(google-explicit-constructor): as std::optional
    Boxed(const Boxed& other);
    Boxed(Boxed&& other) noexcept;
    Boxed& operator=(const Boxed& other);
    Boxed& operator=(Boxed&& other) noexcept;
    ~Boxed();

    /// The part, which replaces one that was there, with nothing in it yet.
    T& emplace();
    void reset();

    [[nodiscard]] bool has_value() const { return m_part != nullptr; }
    explicit operator bool() const { return m_part != nullptr; }
    T& operator*() { return *m_part; }
    const T& operator*() const { return *m_part; }
    T* operator->() { return m_part; }
    const T* operator->() const { return m_part; }
    bool operator==(const Boxed& other) const;

private:
    T* m_part = nullptr; // owned; no std::unique_ptr, whose hundreds of instances every includer would pay for
};

template <typename T>
Boxed<T>::Boxed(T value) : m_part(new T(std::move(value)))
{
}

template <typename T>
Boxed<T>::Boxed(const Boxed& other) : m_part(other.m_part ? new T(*other.m_part) : nullptr)
{
}

template <typename T>
Boxed<T>::Boxed(Boxed&& other) noexcept : m_part(std::exchange(other.m_part, nullptr))
{
}

template <typename T>
Boxed<T>& Boxed<T>::operator=(const Boxed& other)
{
    if (this != &other)
        *this = Boxed(other);
    return *this;
}

template <typename T>
Boxed<T>& Boxed<T>::operator=(Boxed&& other) noexcept
{
    if (this != &other) {
        delete m_part;
        m_part = std::exchange(other.m_part, nullptr);
    }
    return *this;
}

template <typename T>
Boxed<T>::~Boxed()
{
    delete m_part;
}

template <typename T>
T& Boxed<T>::emplace()
{
    *this = Boxed(T{});
    return *m_part;
}

template <typename T>
void Boxed<T>::reset()
{
    delete std::exchange(m_part, nullptr);
}

template <typename T>
bool Boxed<T>::operator==(const Boxed& other) const
{
    return m_part && other.m_part ? *m_part == *other.m_part : m_part == other.m_part;
}

} // namespace keelson::api

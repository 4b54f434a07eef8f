// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
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
    T* operator->() { return m_part.get(); }
    const T* operator->() const { return m_part.get(); }
    bool operator==(const Boxed& other) const;

private:
    std::unique_ptr<T> m_part;
};

template <typename T>
Boxed<T>::Boxed(T value) : m_part(std::make_unique<T>(std::move(value)))
{
}

template <typename T>
Boxed<T>::Boxed(const Boxed& other) : m_part(other.m_part ? std::make_unique<T>(*other.m_part) : nullptr)
{
}

template <typename T>
Boxed<T>::Boxed(Boxed&& other) noexcept = default;

template <typename T>
Boxed<T>& Boxed<T>::operator=(const Boxed& other)
{
    if (this != &other)
        m_part = other.m_part ? std::make_unique<T>(*other.m_part) : nullptr;
    return *this;
}

template <typename T>
Boxed<T>& Boxed<T>::operator=(Boxed&& other) noexcept = default;

template <typename T>
Boxed<T>::~Boxed() = default;

template <typename T>
T& Boxed<T>::emplace()
{
    m_part = std::make_unique<T>();
    return *m_part;
}

template <typename T>
void Boxed<T>::reset()
{
    m_part.reset();
}

template <typename T>
bool Boxed<T>::operator==(const Boxed& other) const
{
    return m_part && other.m_part ? *m_part == *other.m_part : m_part == other.m_part;
}

} // namespace keelson::api

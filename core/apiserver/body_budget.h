// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace keelson::apiserver {

/// Memory for the bodies of requests that are being read or answered, as their headers announce them. Nobody has all of
/// it: who announces much and sends nothing keeps out nobody else.
/// Threads: any.
class BodyBudget {
public:
    /// Bytes of all together and of one sender.
    BodyBudget(std::size_t all, std::size_t ofOne) : m_all(all), m_ofOne(ofOne) {}

    /// False when there is no room; then nothing is held.
    bool take(const std::string& sender, std::size_t bytes);
    void giveBack(const std::string& sender, std::size_t bytes);

private:
    const std::size_t m_all;
    const std::size_t m_ofOne;
    std::mutex m_mutex;
    std::size_t m_held = 0;
    std::map<std::string, std::size_t> m_heldBy;
};

} // namespace keelson::apiserver

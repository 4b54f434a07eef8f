// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/admission.h"

#include "base/random.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace keelson::registry {

/// Gives out numbers of a range, each to one owner. A number is taken while an owner has it or a hold keeps it.
/// Threads: any.
class NumberPool : public std::enable_shared_from_this<NumberPool> {
public:
    /// [first, last]; `reserved` ones are given only to who asks for them.
    NumberPool(std::uint32_t first, std::uint32_t last, std::vector<std::uint32_t> reserved);

    bool inRange(std::uint32_t number) const { return number >= m_first && number <= m_last; }
    /// Keeps a free number until the hold ends; null when it is taken.
    std::shared_ptr<void> hold(std::uint32_t number);
    /// The same for any free number, beginning at a random one; null when all are taken.
    std::shared_ptr<void> holdAny(Random& random, std::uint32_t& number);
    void own(std::uint32_t number);
    void release(std::uint32_t number);

private:
    std::shared_ptr<void> holdLocked(std::uint32_t number);

    const std::uint32_t m_first;
    const std::uint32_t m_last;
    const std::vector<std::uint32_t> m_reserved;
    std::mutex m_mutex;
    std::map<std::uint32_t, int> m_uses; ///< Owners and holds.
};

/// An IPv4 range such as 10.96.0.0/16.
struct AddressRange {
    std::uint32_t network = 0;
    int prefixLength = 0;

    /// `Invalid` when the text is no range, or one too small for services (longer than /28).
    static Result<AddressRange> parse(std::string_view text);
    std::string text() const;
};
std::optional<std::uint32_t> parseAddress(std::string_view text);
std::string addressText(std::uint32_t address);

/// Cluster IPs and node ports of Services: given at creation, kept on update, free again when the Service is gone.
class ServiceAddresses {
public:
    ServiceAddresses(AddressRange range, Random& random);

    /// The step of admission; lives no longer than this.
    std::unique_ptr<AdmissionStep> step();
    /// A Service that the store holds, held or no longer holds: documents, or null.
    void changed(const Value* before, const Value* after);

    /// What cannot be given becomes a refusal of the admission.
    Result<Done> complete(Admission& admission);

private:
    Result<Done> completeAddress(Admission& admission);
    void holdAddress(Admission& admission, const std::string& wanted);
    Result<Done> completePorts(Admission& admission);
    Result<Done> holdPort(Admission& admission, std::size_t index, Value& port);

    const AddressRange m_range;
    Random& m_random;
    const std::shared_ptr<NumberPool> m_addresses;
    const std::shared_ptr<NumberPool> m_ports;
};

} // namespace keelson::registry

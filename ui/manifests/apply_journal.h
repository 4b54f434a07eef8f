// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "manifests/surroundings.h"

#include <filesystem>
#include <map>
#include <optional>

namespace keelson::manifests {

/// What an apply is about to do, and how far it has come: kept on the disk, so that it can be gone on with or taken
/// back when the program ends in the middle.
struct ApplyRecord {
    enum class State { Open, Applied, Undone };
    struct Entry {
        ObjectName object;
        std::string collection; ///< Path of its resource on the server.
        api::Value manifest;
        api::Value before;                    ///< Null: it was not there.
        api::Value after;                     ///< What the dry run made of it, then the server; null: not known.
        std::map<std::string, bool> takeOver; ///< Fields of others: taken over, or left to them.
        State state = State::Open;
    };
    std::string cluster;  ///< Tells the clusters of a user apart.
    bool isPlain = false; ///< The server knows no server-side apply.
    std::vector<Entry> entries;
};

/// A record's file: a line of JSON for each entry, then one for each step, so that a step costs little and a line that
/// was cut off harms nothing. Only its owner may read it (manifests hold Secrets).
///
/// Threads: one at a time.
class ApplyJournal {
public:
    /// Larger records are not kept.
    static constexpr std::size_t bytesMax = std::size_t{64} * 1024 * 1024;

    explicit ApplyJournal(std::filesystem::path file) : m_file(std::move(file)) {}

    const std::filesystem::path& file() const { return m_file; }
    /// `RequestEntityTooLarge`, or what the disk says.
    Result<Done> begin(const ApplyRecord& record) const;
    /// `after`: as the server has made it.
    Result<Done> note(std::size_t entry, ApplyRecord::State state, const api::Value& after) const;
    void remove() const;
    /// Nothing: there is none, or it cannot be read.
    std::optional<ApplyRecord> read() const;

private:
    std::filesystem::path m_file;
};

/// Whether an object is what an apply of `manifest` made of it, for all that its metadata tell: it says all that the
/// manifest says, and nobody but `manager` has written it last. For steps of which no answer has been kept.
bool isAppliedBy(const api::Value& object, const api::Value& manifest, std::string_view manager);

} // namespace keelson::manifests

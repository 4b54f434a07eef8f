// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/encoding.h"
#include "document/manifest_text.h"

#include <filesystem>
#include <memory>
#include <optional>

namespace keelson::document {

/// Files larger than this are not opened as text.
inline constexpr std::size_t fileBytesMax = std::size_t{64} * 1024 * 1024;
/// Files of a folder that are listed at most.
inline constexpr std::size_t folderFilesMax = 5'000;

struct Recovery;

/// What stands on the disk against what was read from there.
enum class DiskState { Same, Changed, Gone };

/// A write that is cut loose from the text, so that it can be done on another thread.
struct SaveJob {
    std::filesystem::path path;
    std::string text;
    Encoding encoding;
    /// What must still stand there; null: whatever it is gives way.
    std::shared_ptr<const std::string> expected;
};
struct SaveResult {
    Result<Done> done;
    std::filesystem::path path;
    std::string text; ///< What was saved; the manifest may have gone on since.
    std::shared_ptr<const std::string> bytes;
};
/// The same for what is kept in case of a crash.
struct RecoveryJob {
    std::filesystem::path kept;
    std::filesystem::path original;
    std::optional<std::string> text;         ///< None: there is nothing unsaved any more.
    std::shared_ptr<const std::string> disk; ///< What stood in the file that the text was made from.
};

/// A manifest and the file that it came from. Saving writes the encoding, mark and line endings that were read, whole
/// or not at all, and never over what somebody else wrote meanwhile.
///
/// Threads: one at a time. Where the disk may be slow, a GUI thread hands the jobs to another.
class ManifestFile {
public:
    /// `NotFound`, `Forbidden`, `RequestEntityTooLarge`, `BadRequest` (not text): the message names the file and what
    /// to do.
    static Result<ManifestFile> open(const std::filesystem::path& path);
    /// A new text without a file.
    static ManifestFile made(std::string text);
    /// What a session left behind, as an edit of its file. Where others have changed that meanwhile, saving is a
    /// `Conflict` as it would have been then; where it is gone, the text is a new one.
    static ManifestFile recovered(const Recovery& recovery, const std::string& label);

    ManifestText& text() { return *m_text; }
    const ManifestText& text() const { return *m_text; }
    const std::filesystem::path& path() const { return m_path; }
    const std::shared_ptr<const std::string>& diskBytes() const { return m_diskBytes; }
    const Encoding& encoding() const { return m_encoding; }
    bool isEdited() const { return !m_text->isClean(); }

    DiskState diskState() const { return diskState(m_path, *m_diskBytes); }
    /// What stands at the path against `bytes`; any thread.
    static DiskState diskState(const std::filesystem::path& path, const std::string& bytes);
    /// `Conflict`: the file has changed on the disk; nothing was written. `Forbidden`: it, or its folder, may not be
    /// written; `InternalError`: the disk is full or fails. In each case the text is kept, here and by
    /// `keepForRecovery`.
    Result<Done> save();
    /// Whatever stands on the disk gives way.
    Result<Done> saveOver();
    Result<Done> saveAs(const std::filesystem::path& path);
    /// The same in parts, to `path`; `isOver`: whatever stands there gives way.
    SaveJob saveJob(const std::filesystem::path& path, bool isOver) const;
    static SaveResult carryOut(const SaveJob& job);
    void adopt(const SaveResult& result);
    /// The text of the disk, as an edit that can be undone.
    Result<Done> reload();
    /// The same with the file as another thread has opened it.
    void reloadFrom(const ManifestFile& read);

    /// Writes the unsaved text into `folder` (0600), for `recoverable` after a crash; removes it when there is nothing
    /// unsaved.
    Result<Done> keepForRecovery(const std::filesystem::path& folder);
    RecoveryJob recoveryJob(const std::filesystem::path& folder) const;
    static Result<Done> carryOut(const RecoveryJob& job);
    void dropRecovery(const std::filesystem::path& folder) const;

private:
    Result<Done> write(const SaveJob& job);
    std::filesystem::path recoveryPath(const std::filesystem::path& folder) const;

    std::filesystem::path m_path;
    std::unique_ptr<ManifestText> m_text;
    Encoding m_encoding;
    std::shared_ptr<const std::string> m_diskBytes = std::make_shared<const std::string>(); ///< Read or written last.
    std::string m_id; ///< Of a text without a file, for its recovery.
};

/// An unsaved text that a session left behind.
struct Recovery {
    std::filesystem::path kept;     ///< Where it lies; remove it when it is dealt with.
    std::filesystem::path original; ///< Of the file; empty: never saved.
    std::string text;
    std::string diskMark; ///< Tells what stood in the file then from what stands there now; see `recovered`.
};
/// What earlier sessions left in the folder; broken entries are skipped.
std::vector<Recovery> recoverable(const std::filesystem::path& folder);

/// The manifests of a folder and of those below it (.yaml, .yml, .json), in the order of their paths; hidden ones are
/// left out.
Result<std::vector<std::filesystem::path>> manifestsIn(const std::filesystem::path& folder);

} // namespace keelson::document

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "manifests/apply_journal.h"

#include <QObject>
#include <QThreadPool>

#include <functional>
#include <memory>

namespace keelson::ui {

/// Writes the journal of an apply, on a thread of its own, one step after the other.
///
/// Threads: GUI thread.
class JournalWriter : public QObject {
    Q_OBJECT
public:
    explicit JournalWriter(QObject* parent) : QObject(parent) { m_disk.setMaxThreadCount(1); }
    ~JournalWriter() override { m_disk.waitForDone(); }

    /// Where the next records are kept; asked for when something is applied. Empty: nowhere.
    void setFile(std::function<std::filesystem::path()> file) { m_file = std::move(file); }
    /// Goes on with a record that another session has begun.
    void adopt(const std::filesystem::path& file);
    bool isKeeping() const { return m_journal != nullptr; }
    /// `then` runs when the record is on the disk, or cannot be: then `failed` comes first.
    void begin(const manifests::ApplyRecord& record, std::function<void()> then);
    void note(std::size_t entry, manifests::ApplyRecord::State state, const api::Value& after);
    /// The record is not needed any more.
    void end();

signals:
    void failed(const keelson::Error& error);

private:
    std::function<std::filesystem::path()> m_file;
    std::shared_ptr<const manifests::ApplyJournal> m_journal; ///< Null: nothing is kept.
    QThreadPool m_disk;
};

} // namespace keelson::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/journal_writer.h"

#include <QCoreApplication>
#include <QPointer>

#include <utility>

namespace keelson::ui {

void JournalWriter::adopt(const std::filesystem::path& file)
{
    m_journal = std::make_shared<const manifests::ApplyJournal>(file);
}

void JournalWriter::begin(const manifests::ApplyRecord& record, std::function<void()> then)
{
    end();
    const auto file = m_file ? m_file() : std::filesystem::path();
    if (file.empty()) {
        then();
        return;
    }
    m_journal = std::make_shared<const manifests::ApplyJournal>(file);
    m_disk.start([self = QPointer<JournalWriter>(this), journal = m_journal, record, then = std::move(then)] {
        auto done = journal->begin(record);
        QMetaObject::invokeMethod(qApp, [self, journal, done = std::move(done), then] {
            if (!self)
                return;
            if (!done && self->m_journal == journal) {
                self->m_journal.reset();
                emit self->failed(done.error());
            }
            then();
        });
    });
}

void JournalWriter::note(std::size_t entry, manifests::ApplyRecord::State state, const api::Value& after)
{
    if (m_journal)
        m_disk.start([journal = m_journal, entry, state, after] { (void)journal->note(entry, state, after); });
}

void JournalWriter::end()
{
    if (m_journal)
        m_disk.start([journal = std::exchange(m_journal, nullptr)] { journal->remove(); });
}

} // namespace keelson::ui

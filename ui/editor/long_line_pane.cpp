// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/long_line_pane.h"

#include "document/edit.h"
#include "document/scan.h"
#include "editor/manifest_session.h"
#include "models/read.h"

#include <QCoreApplication>
#include <QThreadPool>

#include <algorithm>
#include <memory>

namespace keelson::ui {

LongLinePane::LongLinePane(QWidget* parent) : EmptyState(parent)
{
    connect(this, &EmptyState::activated, this, &LongLinePane::breakLines);
}

std::size_t LongLinePane::longestLine(std::string_view text)
{
    std::size_t longest = 0;
    for (std::size_t line = 0; line < text.size(); line = document::nextLine(text, line))
        longest = std::max(longest, document::lineEnd(text, line) - line);
    return longest;
}

void LongLinePane::offer(Manifest& manifest)
{
    m_manifest = &manifest;
    const auto size = bytesText(static_cast<qint64>(longestLine(manifest.text().text())));
    set(QStringLiteral("yaml"), tr("One line of %1 holds %2").arg(manifest.name(), size),
        tr("To show it would hold the window up. Broken into lines, it is the same document."),
        tr("Break it into lines"));
}

void LongLinePane::breakLines()
{
    if (!m_manifest)
        return;
    auto whole = std::make_shared<const std::string>(m_manifest->text().text());
    std::vector<std::string> documents;
    for (std::size_t i = 0; i < m_manifest->text().documents(); ++i)
        documents.emplace_back(m_manifest->text().textOf(i));
    setEnabled(false);
    QThreadPool::globalInstance()->start(
        [self = QPointer<LongLinePane>(this), manifest = m_manifest, whole, documents = std::move(documents)] {
            std::string broken;
            for (const auto& text : documents)
                broken += document::brokenIntoLines(document::Tree::read(text), text);
            QMetaObject::invokeMethod(qApp, [self, manifest, whole, broken = std::move(broken)] {
                if (!self)
                    return;
                self->setEnabled(true);
                if (!manifest)
                    return;
                if (std::as_const(*manifest).text().text() == *whole) // else it has changed on the disk meanwhile
                    manifest->text().setText(broken, tr("Break it into lines").toStdString());
                emit self->done(manifest);
            });
        });
}

} // namespace keelson::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "editor/manifest_checker.h"

#include <QListWidget>

#include <map>

namespace keelson::ui {

/// The open manifests, a row each: whether it has errors or warnings, its name, and a dot when it is edited.
class FileList : public QListWidget {
    Q_OBJECT
public:
    explicit FileList(QWidget* parent = nullptr);

    void add(const Manifest& manifest);
    void remove(quint64 id);
    void refresh(const Manifest& manifest);
    void setFindings(std::map<quint64, FindingCounts> counts); ///< By manifest; those without are well.
    void setCurrent(quint64 id);                               ///< Without telling anybody.

signals:
    void chosen(quint64 id);

private:
    QListWidgetItem* itemOf(quint64 id) const;
    void describe(QListWidgetItem& item) const;

    std::map<quint64, FindingCounts> m_counts;
};

} // namespace keelson::ui

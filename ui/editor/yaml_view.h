// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "manifests/live_object.h"

#include <Qsci/qsciscintilla.h>

class QsciLexerYAML;

namespace keelson::ui {

/// YAML text: highlighted, with numbered lines, and with added and removed lines of a difference.
class YamlView : public QsciScintilla {
    Q_OBJECT
public:
    explicit YamlView(QWidget* parent = nullptr);

    /// Read-only, from the first change on; defaults are muted.
    void showDiff(const std::vector<manifests::DiffLine>& lines);

protected:
    void changeEvent(QEvent* event) override;

private:
    void recolour();

    QsciLexerYAML* m_lexer;
};

} // namespace keelson::ui

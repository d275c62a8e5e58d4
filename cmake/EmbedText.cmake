# cmake -DINPUT=FILE -DOUTPUT=FILE.h -DNAME=identifier -P EmbedText.cmake
# Writes a header that defines the string NAME, the text of INPUT. As numbers, because C does
# not promise string literals as long as that.
file(READ "${INPUT}" bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1, " bytes "${bytes}")
string(REGEX REPLACE "((0x.., ){16})" "\\1\n\t" bytes "${bytes}")
file(WRITE "${OUTPUT}" "/* Made from a text file by the build. */\n"
	"static const char ${NAME}[] = {\n\t${bytes}0x00\n};\n")
